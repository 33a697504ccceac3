"""The whole life of a model on a generated corpus, as a report: ``make loop-demo``."""
