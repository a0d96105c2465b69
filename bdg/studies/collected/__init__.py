"""The results of a study together: arrays over its keys, statistics, branches, figures."""
