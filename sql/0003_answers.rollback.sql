-- Mirrors 0003 backwards.
drop type retail.adjusted_stock;
drop type retail.recorded_return;
drop type retail.returned_line;
drop type retail.recorded_sale;
drop type retail.recorded_line;
drop type retail.customer_contact;
drop type retail.customer_analysis;
drop type retail.segment_summary;
drop type retail.business_insights;
drop type retail.insight;
drop type retail.store_performance;
drop type retail.store_metrics;
