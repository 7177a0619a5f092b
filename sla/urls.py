from __future__ import annotations

from django.urls import path

from sla import views

urlpatterns = [
    path("desk/reports/", views.reports, name="reports"),
    path("desk/reports/attainment.csv", views.attainment_csv, name="reports-attainment"),
    path("desk/reports/times.csv", views.times_csv, name="reports-times"),
    path("desk/reports/breaches.csv", views.breaches_csv, name="reports-breaches"),
]
