"""The outputs of the reproductions: compared with the record, or recorded."""
