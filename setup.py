"""The packages of the wheel: those that lie in folders of their names, and ``assets/``, mapped in pyproject.toml.

A table in pyproject.toml can find packages or list them, not both.
"""

from setuptools import find_namespace_packages, setup

setup(packages=[*find_namespace_packages(include=["modgap_core*", "dashboard*"]), "modgap_core.assets"])
