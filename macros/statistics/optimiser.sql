{#
    The parameters that maximise a sum over the rows of a table: a likelihood, or minus
    the squared errors of a curve.

    Pattern search (after R. Hooke and T. A. Jeeves, "Direct Search Solution of
    Numerical and Statistical Problems", 1961): a point, and one step up and down from
    it. If the best of them is better than the base, it is the next base, and the search
    looks next around the point as far again in that direction, so that it walks faster
    and faster along the long ridges that likelihoods have. If not, it looks around the
    base, then halves the step.
    It starts at 0 with a step of 1 and ends when the step is below the tolerance. All
    points lie on halves of halves, which every engine writes exactly, so that the
    engines end at the same point.

    Reads the relation `statistics`, one row per problem and row of data:
        problem   which rows are fitted together; each problem is one search
        ...       whatever the summand names
    Parameters:
        parameters   dict, name -> SQL of its value at a point, whose coordinates have
                     the same names: 'exp({r})' for what is positive, '{t0}'. The search
                     starts at 0, and no coordinate goes beyond -10 or 10, where
                     log-gamma has digits enough to tell points apart: scale the data
        summand      SQL of a double that is summed and maximised; it names columns as
                     statistics.x and parameters as candidate.r; never null. Read to
                     twelve decimals, so that the sum does not depend on the order of
                     the rows
        tolerance    the step at which the search ends: 1e-5 is a precision of 0.001 %
                     in a parameter that is an exp()
        at_once      how many coordinates a step may move: all, 3^d points a round, for
                     few rows and narrow curved ridges; or one, 2 d + 1 points, for many
                     rows and coordinates along the ridges: alpha as 'exp({alpha} +
                     {r})', where the data say much of r / alpha and little of either.
                     The work is rows * points * rounds, of which there are 40 to 200
    Returns: SQL of a query, one row per problem: problem, the parameters, maximum,
    round_count, is_converged (false if the search ended after 1000 rounds or near the
    border of what it looks at, beyond -9 or 9: it was running away).
#}
{% macro maximised(parameters, summand, tolerance=1e-5, at_once=4) -%}
    {{ return(adapter.dispatch('maximised', 'customer_ops')(
        parameters, summand, tolerance, search_ways(parameters, at_once)
    )) }}
{%- endmacro %}


{# A recursive query: each round reads the rows once. #}
{% macro default__maximised(parameters, summand, tolerance, ways) -%}
    {%- set names = parameters.keys() | list -%}
    with recursive

    search as (

        select distinct
            problem,
            {% for name in names -%}
            {{ as_double(0) }} as {{ name }}_at,
            {{ as_double(0) }} as {{ name }}_move,
            {% endfor -%}
            {{ as_double(1) }} as step,
            {{ as_double('null') }} as maximum,
            0 as round_count

        from statistics

        union all

        select
            problem,
            {% for name in names -%}
            {{ if_better(name ~ '_to', name ~ '_at') }} as {{ name }}_at,
            {{ if_better(name ~ '_to - ' ~ name ~ '_at', '0') }} as {{ name }}_move,
            {% endfor -%}
            {{ if_better('step', step_around_base(names, '', 'step')) }} as step,
            {{ if_better('value', 'maximum') }} as maximum,
            round_count + 1 as round_count

        from (

            select
                *,
                row_number() over (
                    partition by problem
                    order by value desc, point_number
                ) as place

            from (

                select
                    candidate.problem,
                    candidate.point_number,
                    {% for name in names -%}
                    candidate.{{ name }}_at,
                    candidate.{{ name }}_move,
                    candidate.{{ name }}_to,
                    {% endfor -%}
                    candidate.step,
                    candidate.maximum,
                    candidate.round_count,
                    {{ sum_of_doubles(summand) }} as value

                from (

                    select
                        *,
                        {% for name in names -%}
                        {{ parameter_at(name, parameters, '', '_to') }}
                            as {{ name }}{{ ',' if not loop.last }}
                        {% endfor %}
                    from (

                        select
                            search.*,
                            ways.point_number,
                            {% for name in names -%}
                            {{ candidate_coordinate('search.', name, 'ways.') }}
                                as {{ name }}_to{{ ',' if not loop.last }}
                            {% endfor %}
                        from search
                        cross join (
                            values
                            {% for way in ways -%}
                                ({{ loop.index0 }}, {{ way | join(', ') }})
                                {{- ',' if not loop.last }}
                            {% endfor -%}
                        ) as ways (
                            point_number
                            {%- for name in names %}, {{ name }}_way{% endfor %}
                        )

                        where
                            search.step >= {{ tolerance }} and search.round_count < 1000

                    ) as looked_at

                ) as candidate
                inner join statistics on candidate.problem = statistics.problem

                group by
                    candidate.problem,
                    candidate.point_number,
                    {% for name in names -%}
                    candidate.{{ name }}_at,
                    candidate.{{ name }}_move,
                    candidate.{{ name }}_to,
                    {% endfor -%}
                    candidate.step,
                    candidate.maximum,
                    candidate.round_count

            ) as evaluated

        ) as compared

        where place = 1

    ),

    ended as (

        select
            *,
            row_number() over (partition by problem order by round_count desc) as place

        from search

    )

    select
        problem,
        {% for name in names -%}
        {{ parameter_at(name, parameters, '', '_at') }} as {{ name }},
        {% endfor -%}
        maximum,
        round_count,
        {{ has_converged(names, '', tolerance) }} as is_converged

    from ended

    where place = 1
{%- endmacro %}


{#
    Spark's recursion knows no aggregates: here the rows of a problem become an array,
    and a fold over the numbers of the rounds goes through it.
#}
{% macro spark__maximised(parameters, summand, tolerance, ways) -%}
    {%- set names = parameters.keys() | list -%}
    select
        problem,
        {% for name in names -%}
        {{ parameter_at(name, parameters, 'search.', '_at') }} as {{ name }},
        {% endfor -%}
        search.maximum,
        search.round_count,
        {{ has_converged(names, 'search.', tolerance) }} as is_converged

    from (

        select
            problem,
            aggregate(
                sequence(1, 1000),
                named_struct(
                    {% for name in names -%}
                    '{{ name }}_at', cast(0 as double),
                    '{{ name }}_move', cast(0 as double),
                    {% endfor -%}
                    'step', cast(1 as double),
                    'maximum', cast(null as double),
                    'round_count', 0
                ),
                (base, round) -> if(
                    base.step < {{ tolerance }},
                    base,
                    transform(
                        array(array_max(transform(
                            transform(
                                array(
                                    {% for way in ways -%}
                                    named_struct(
                                        'point_number', {{ loop.index0 }}
                                        {%- for name in names %},
                                        '{{ name }}_way', {{ way[loop.index0] }}
                                        {%- endfor %}
                                    ){{ ',' if not loop.last }}
                                    {% endfor -%}
                                ),
                                ways -> named_struct(
                                    'point_number', ways.point_number,
                                    {% for name in names -%}
                                    '{{ name }}_to',
                                    {{ candidate_coordinate(
                                        'base.', name, 'ways.'
                                    ) }}{{ ',' if not loop.last }}
                                    {% endfor %}
                                )
                            ),
                            moved -> named_struct(
                                'value', {{ folded_sum(names, parameters, summand) }},
                                'place', -moved.point_number,
                                'moved', moved
                            )
                        ))),
                        best -> named_struct(
                            {% for name in names -%}
                            {%- set to = 'best.moved.' ~ name ~ '_to' -%}
                            {%- set at = 'base.' ~ name ~ '_at' -%}
                            '{{ name }}_at',
                            {{ if_better(to, at, 'best.', 'base.') }},
                            '{{ name }}_move',
                            {{ if_better(
                                to ~ ' - ' ~ at, 'cast(0 as double)', 'best.', 'base.'
                            ) }},
                            {% endfor -%}
                            'step',
                            {{ if_better(
                                'base.step',
                                step_around_base(names, 'base.', 'base.step'),
                                'best.', 'base.'
                            ) }},
                            'maximum',
                            {{ if_better(
                                'best.value', 'base.maximum', 'best.', 'base.'
                            ) }},
                            'round_count', base.round_count + 1
                        )
                    )[0]
                )
            ) as search

        from (

            select
                problem,
                collect_list(struct(statistics.*)) as data

            from statistics

            group by problem

        ) as problems

    ) as searched
{%- endmacro %}


{% macro folded_sum(names, parameters, summand) -%}
    transform(
        array(named_struct(
            {% for name in names -%}
            '{{ name }}',
            {{ parameter_at(name, parameters, 'moved.', '_to') }}
            {{- ',' if not loop.last }}
            {% endfor %}
        )),
        candidate -> cast(
            aggregate(
                data,
                cast(0 as decimal(38, 12)),
                (total, statistics) -> cast(
                    total + cast({{ summand }} as decimal(38, 12)) as decimal(38, 12)
                )
            )
            as double
        )
    )[0]
{%- endmacro %}


{#
    Where a round looks around its middle: staying first, then the steps.

    Returns: list of lists, a -1, 0 or 1 for each parameter.
#}
{% macro search_ways(parameters, at_once) -%}
    {%- set ways = [] -%}
    {%- for number in range(3 ** parameters | length) -%}
        {%- set way = [] -%}
        {%- for _ in parameters -%}
            {%- do way.append([0, 1, -1][number // 3 ** loop.index0 % 3]) -%}
        {%- endfor -%}
        {%- if way | select | list | length <= at_once -%}
            {%- do ways.append(way) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(ways) }}
{%- endmacro %}


{# A coordinate of a point around the base and the pattern's move from it. #}
{% macro candidate_coordinate(base, name, way) -%}
    greatest(-10, least(
        {{ base }}{{ name }}_at + {{ base }}{{ name }}_move
        + {{ base }}step * {{ way }}{{ name }}_way,
        10
    ))
{%- endmacro %}


{# At first there is no base to be better than. #}
{% macro if_better(then, otherwise, best='', base='') -%}
    case
        when {{ base }}maximum is null or {{ best }}value > {{ base }}maximum
            then {{ then }}
        else {{ otherwise }}
    end
{%- endmacro %}


{# After a look around the base, half the step; after one further on, the same. #}
{% macro step_around_base(names, base, step) -%}
    {{ step }} / case
        when
            {% for name in names -%}
            {{ base }}{{ name }}_move = 0 {{ 'and' if not loop.last }}
            {% endfor -%}
            then 2
        else 1
    end
{%- endmacro %}


{% macro has_converged(names, search, tolerance) -%}
    {{ search }}step < {{ tolerance }}
    {% for name in names -%}
    and abs({{ search }}{{ name }}_at) < 9
    {% endfor -%}
{%- endmacro %}


{# The value of a parameter where coordinates stand in columns of such names. #}
{% macro parameter_at(name, parameters, before, behind) -%}
    {%- set value = namespace(sql=parameters[name]) -%}
    {%- for coordinate in parameters -%}
        {%- set value.sql = value.sql
            | replace('{' ~ coordinate ~ '}', before ~ coordinate ~ behind) -%}
    {%- endfor -%}
    {{ value.sql }}
{%- endmacro %}
