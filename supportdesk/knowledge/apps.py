from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Articles that answer before anybody has to ask; the documents call them "Solutions"."""

    name = "supportdesk.knowledge"
    label = "knowledge"
