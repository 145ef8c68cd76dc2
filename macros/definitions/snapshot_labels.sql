{#
    The segmentations that compare customers with each other or look at money as it
    stood on a date, so that they are known on snapshot dates only. Each is a column of
    int_customer_snapshot_labels and needs its segments in segment_labels.

    Returns: list of texts.
#}
{% macro snapshot_segmentations() -%}
    {{ return([
        'rfm_type',
        'rule_tier',
        'pyramid_layer',
        'loyalty_stage',
        'membership_tier',
        'life_stage',
        'strategy_layer',
        'operating_priority',
    ]) }}
{%- endmacro %}
