#!/usr/bin/env python3
"""Builds the programs that `.ci/run` and its scripts start."""

from report import build_programs

build_programs()
