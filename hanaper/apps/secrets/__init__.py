"""Secrets at rest: sealed with AES-GCM under a data key, the data key under the master key."""
