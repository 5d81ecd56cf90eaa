"""Tests of the gateway: stages around fakes, and the whole gate over real sockets."""
