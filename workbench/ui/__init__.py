"""The face of the workbench: pages over the services, and nothing that the services need."""
