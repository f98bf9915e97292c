"""SANDBOX card provider: a process of its own with its own database, reached only by HTTP and webhooks.

It moves no money and takes no real card. It is as nasty as the real thing: it declines, answers late or not
at all, keeps errors, refunds late, partly or twice over, and delivers its webhooks twice and out of order;
what it does is chosen by the card's number (`cards.py`). It imports nothing of Hanaper and no Django.
"""
