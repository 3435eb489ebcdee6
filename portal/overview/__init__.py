"""One office and quarter for those who answer for it: what was heard, and what to do about it."""
