"""Addresses of the files: they stay as they are, other people's programs ask for them every night."""

from django.urls import path, re_path

from .register_files import register_list, whole_register
from .views import open_data, open_data_file

EXTENSIONS = ("csv", "json", "geojson")

urlpatterns = [
    *(path(f"register.{one}", whole_register, {"extension": one}, name=f"register_{one}") for one in EXTENSIONS),
    *(
        path(f"planning-applications.{one}", register_list, {"extension": one}, name=f"register_list_{one}")
        for one in EXTENSIONS
    ),
    path("open-data/", open_data, name="open_data"),
    re_path(r"^open-data/(?P<slug>[a-z-]+)\.(?P<extension>csv|json)$", open_data_file, name="open_data_file"),
]
