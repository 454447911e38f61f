"""The page in a real browser: filters, links, keyboard, accessibility and speed."""
