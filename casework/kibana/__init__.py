"""Kibana for investigators: data views, saved searches and dashboards as code, and how they are put in place."""
