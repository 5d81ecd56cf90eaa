"""Rules of training, pure: what a corpus is, how it is told, how answers are scored, which states a run can have."""
