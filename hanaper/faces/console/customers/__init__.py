"""Pages of customers; some of them serve operators too, who look at what is a customer's."""
