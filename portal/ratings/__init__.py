"""The citizen's pages: scan, rate, receipt. The only feature where the public writes."""
