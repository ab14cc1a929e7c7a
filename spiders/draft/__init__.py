"""Drafts of market profiles: what the reader learnt from a market's pages, as a file a person can correct."""

from spiders.draft.draft import Draft, draft_profile
from spiders.draft.toml import profile_text

__all__ = ["Draft", "draft_profile", "profile_text"]
