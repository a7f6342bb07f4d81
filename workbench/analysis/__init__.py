"""What votes prove: fits, their spread over raters and images, tests, screening. Arithmetic of arrays; the store is not known here."""
