"""Thin: fetch the champion, build its features, predict, check, write."""
