"""What docs/performance.md quotes: ours and a peer, side by side in one run, as ratios."""
