"""Names of countries and of what is as large as one of their states; lower case, in English."""

from __future__ import annotations

COUNTRIES = frozenset(
    name.strip()
    for name in """
afghanistan, albania, algeria, american samoa, andorra, angola, anguilla, antigua and barbuda,
argentina, armenia, aruba, australia, austria, azerbaijan, bahamas, bahrain, bangladesh, barbados,
belarus, belgium, belize, benin, bermuda, bhutan, bolivia, bosnia and herzegovina, botswana, brazil,
brunei, bulgaria, burkina faso, burma, burundi, cambodia, cameroon, canada, cape verde, cabo verde,
cayman islands, central african republic, chad, chile, china, colombia, comoros, congo,
cook islands, costa rica, cote d'ivoire, croatia, cuba, curacao, cyprus, czech republic, czechia,
denmark, djibouti, dominica, dominican republic, east timor, ecuador, egypt, el salvador, england,
equatorial guinea, eritrea, estonia, eswatini, ethiopia, falkland islands, faroe islands,
federated states of micronesia, fiji, finland, france, french guiana, french polynesia, gabon,
gambia, georgia, germany, ghana, gibraltar, great britain, greece, greenland, grenada, guadeloupe,
guam, guatemala, guernsey, guinea, guinea-bissau, guyana, haiti, honduras, hong kong, hungary,
iceland, india, indonesia, iran, iraq, ireland, isle of man, israel, italy, ivory coast, jamaica,
japan, jersey, jordan, kazakhstan, kenya, kiribati, korea, kosovo, kuwait, kyrgyzstan, laos, latvia,
lebanon, lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, macao, macau, macedonia,
madagascar, malawi, malaysia, maldives, mali, malta, marshall islands, martinique, mauritania,
mauritius, mayotte, mexico, micronesia, moldova, monaco, mongolia, montenegro, montserrat, morocco,
mozambique, myanmar, namibia, nauru, nepal, netherlands, new caledonia, new zealand, nicaragua,
niger, nigeria, niue, north korea, north macedonia, northern ireland, northern mariana islands,
norway, oman, pakistan, palau, palestine, panama, papua new guinea, paraguay,
people's republic of china, peru, philippines, poland, portugal, puerto rico, qatar,
republic of korea, reunion, romania, russia, russian federation, rwanda, saint helena,
saint kitts and nevis, saint lucia, saint martin, saint vincent and the grenadines, samoa,
san marino,
sao tome and principe, saudi arabia, scotland, senegal, serbia, seychelles, sierra leone, singapore,
slovakia, slovenia, solomon islands, somalia, south africa, south korea, south sudan, spain,
sri lanka, sudan, suriname, swaziland, sweden, switzerland, syria, taiwan, tajikistan, tanzania,
thailand, the netherlands, timor-leste, togo, tokelau, tonga, trinidad and tobago, tunisia, turkey,
turkmenistan, turks and caicos islands, tuvalu, uganda, ukraine, united arab emirates,
united kingdom, united states, united states of america, uruguay, usa, uzbekistan, vanuatu,
vatican city, venezuela, vietnam, viet nam, virgin islands, wales, western sahara, yemen, zambia,
zimbabwe
""".replace("\n", " ").split(",")
)

REGIONS = COUNTRIES | frozenset(
    name.strip()
    for name in """
africa, asia, europe, north america, south america, central america, latin america, antarctica,
oceania, the middle east, middle east, the caribbean, caribbean, scandinavia, the balkans, eu,
european union, the eu, the european union, uk, the uk, us, usa, the us, the usa, u.s., u.s.a.,
the united states, the united states of america, the united kingdom, the netherlands, uae, the uae,
alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, hawaii,
idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts,
michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey,
new mexico, north carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island,
south carolina, south dakota, tennessee, texas, utah, vermont, virginia, west virginia, wisconsin,
wyoming, ontario, quebec, british columbia, alberta, manitoba, saskatchewan, nova scotia,
new south wales, queensland, victoria, western australia, south australia, tasmania,
bavaria, saxony, catalonia, andalusia, lombardy, sicily, tuscany, normandy, brittany, provence,
guangdong, sichuan, zhejiang, jiangsu, shandong, henan, hebei, hunan, hubei, fujian, yunnan,
gujarat, maharashtra, kerala, tamil nadu, karnataka, punjab, rajasthan, uttar pradesh, bihar
""".replace("\n", " ").split(",")
)
"""Countries, continents and first-level divisions of large countries. The Safe Harbor method lets
states stand (45 CFR 164.514(b)(2)(i)(B))."""
