-- Mirrors 0005 backwards.
drop table retail.customer_sales;
drop table retail.daily_totals;
drop table retail.year_to_date_sales;
drop table retail.daily_sales;
