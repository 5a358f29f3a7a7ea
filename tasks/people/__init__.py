"""Where a person decides: approvals, and an empty account."""
