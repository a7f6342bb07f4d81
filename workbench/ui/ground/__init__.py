"""The Ground page: the list of regions and the correction of a mask by clicks, brush and box."""
