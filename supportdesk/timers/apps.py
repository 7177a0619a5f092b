from django.apps import AppConfig


class TimersConfig(AppConfig):
    name = "supportdesk.timers"
    label = "timers"
