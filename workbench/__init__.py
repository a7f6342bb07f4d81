"""The domain: services and pure arithmetic over the store; never imports torch."""
