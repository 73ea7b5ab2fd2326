"""The app: one folder a page, a sidebar, what several pages share."""
