"""The Dask cluster of the tests as an engine of commands."""

from dask_settings import on_dask

__all__ = ["on_dask"]
