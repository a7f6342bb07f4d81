"""The Studies page: design, raters, planning, results and report of a study."""
