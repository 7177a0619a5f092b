"""Running the desk on one machine: the embedded database and the supervisor behind `manage.py up`."""
