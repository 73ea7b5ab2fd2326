"""A run on disk: the columns of its tables, a batch's results, the folder, several runs as one."""
