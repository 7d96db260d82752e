"""Audits: facts are collected, judged by checks, and reported."""
