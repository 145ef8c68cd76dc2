-- Grain: one row per accepted answer to a survey up to the as-of date.

with

survey_responses as (

    select * from {{ ref('base_shop__survey_responses') }}

    where
        reason_code is null
        and responded_date <= {{ as_of_date() }}

),

final as (

    select
        response_id,
        survey_type,
        customer_id,
        responded_at,
        responded_date,
        score,
        order_id,
        feature_code,
        functional_answer,
        dysfunctional_answer,
        self_importance

    from survey_responses

)

select * from final
