"""The front: a light process at the public address that answers raters itself and hands everything else on to the curators' pages."""
