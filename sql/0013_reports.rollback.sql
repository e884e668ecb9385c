-- Mirrors 0013 backwards.
drop type retail.customer_contact;
drop type retail.customer_analysis;
drop type retail.segment_summary;
drop type retail.business_insights;
drop type retail.insight;
drop type retail.asked_period;
drop type retail.analysis_type;
drop type retail.customer_segment;
drop type retail.stock_status;
drop type retail.product_ranking;
drop type retail.granularity;
drop domain retail.piece_count;
drop domain retail.day_count;
drop domain retail.business_day;
