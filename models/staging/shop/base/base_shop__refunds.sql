-- Grain: one row per raw row of refunds, with the rules it breaks.

with recursive

checked_refunds as (

    select * from {{ ref('base_shop__refunds_checked') }}

),

overdrawn_orders as (

    select order_id

    from checked_refunds

    where checked_reason_codes is null

    group by 1

    having sum(amount) > max(refundable_amount)

),

refunds_in_turn as (

    select
        checked_refunds.refund_id,
        checked_refunds.order_id,
        checked_refunds.amount,
        checked_refunds.refundable_amount,

        -- refund_id breaks the tie of two refunds in one second.
        row_number() over (
            partition by checked_refunds.order_id
            order by checked_refunds.refunded_at, checked_refunds.refund_id
        ) as refund_number

    from checked_refunds
    inner join overdrawn_orders
        on checked_refunds.order_id = overdrawn_orders.order_id

    where checked_refunds.checked_reason_codes is null

),

-- A refund that does not fit is left out and a later, smaller one may still fit: each
-- step needs the total kept so far, which no running sum knows.
walk as (

    select
        refund_id,
        order_id,
        refundable_amount,
        refund_number,
        amount <= refundable_amount as fits,
        cast(
            case when amount <= refundable_amount then amount else 0 end
            as decimal(18, 2)
        ) as kept_amount

    from refunds_in_turn

    where refund_number = 1

    union all

    select
        refunds_in_turn.refund_id,
        refunds_in_turn.order_id,
        refunds_in_turn.refundable_amount,
        refunds_in_turn.refund_number,
        walk.kept_amount + refunds_in_turn.amount
        <= refunds_in_turn.refundable_amount as fits,
        cast(
            case
                when
                    walk.kept_amount + refunds_in_turn.amount
                    <= refunds_in_turn.refundable_amount
                    then walk.kept_amount + refunds_in_turn.amount
                else walk.kept_amount
            end as decimal(18, 2)
        ) as kept_amount

    from walk
    inner join refunds_in_turn
        on
            walk.order_id = refunds_in_turn.order_id
            and refunds_in_turn.refund_number = walk.refund_number + 1

),

walked as (

    select
        checked_refunds.*,
        coalesce(
            checked_refunds.checked_reason_codes,
            case when not walk.fits then 'refund_exceeds_order' end
        ) as all_reason_codes

    from checked_refunds
    left join walk
        on
            checked_refunds.refund_id = walk.refund_id
            and checked_refunds.checked_reason_codes is null

),

final as (

    select
        {{ contract_columns('refunds') }}
        {{ local_date('refunded_at') }} as refund_date,
        {{ rejection_columns('refunds', key='row_key', record='raw_record') }}

    from walked

)

select * from final
