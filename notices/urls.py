"""Addresses of notices that anybody may open."""

urlpatterns: list = []
