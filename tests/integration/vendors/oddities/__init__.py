"""Odd answers of vendors, generated: every dialect, whole and streamed, in each way that an answer can be amiss."""
