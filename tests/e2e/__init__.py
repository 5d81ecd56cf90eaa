"""The console in Chromium, over a real house; everything is found by its role and name, as people find it."""
