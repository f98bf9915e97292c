"""What is sold, at what price, with which vouchers, coupons and promotions."""
