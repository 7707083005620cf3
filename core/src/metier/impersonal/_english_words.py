"""Words by which the English rules tell persons, verbs and ends of clauses."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


NAME = "\ue000"
"""What a name of somebody is read as."""
WE = words(
    """
i we he she they
"""
)
I_AM = words(
    """
i'm im we're he's she's they're
"""
)
BE = words(
    """
am is are was were be been
"""
)
OFTEN = words(
    """
also both originally actually just still currently really proudly
"""
)
OF = words(
    """
my our his her their your
"""
)
DET = OF | words(
    """
a an the one this that another some two both these those other
"""
)
RELATED = words(
    """
family parents parent neighbour neighbours neighbor neighbors friend friends colleague colleagues
coworker coworkers roommate flatmate classmate boss teacher landlord tenant child children kid
kids sibling siblings cousin cousins relative relatives twin twins in-laws stepfather stepmother
godmother godfather partner partners spouse mate mates pal buddy host guest client customer
patient tutor student uncle ancestors wife
"""
)
PERSONS = RELATED | words(
    """
person persons people man men woman women guy guys lady ladies gentleman gentlemen boy boys girl
girls couple citizen citizens national nationals applicant employee worker visitor tourist
immigrant immigrants migrant migrants refugee refugees adult adults user traveller traveler
learner shopper buyer passenger driver nurse doctor engineer
"""
)
FILLERS = words(
    """
a an the very quite new here around and or but by birth both also person persons people one of
half part from myself originally now currently today too though proud practising practicing devout
little bit rather single man woman citizen national adult nearly almost about just only already
being
"""
)
ENDS = frozenset(".,;:!?()\n–—")
LINKS = words(
    """
and but so because or who which that while since when if as yet
"""
)
OPENERS = (LINKS - words("if when since while as yet")) | words(
    """
that think know say mean note mention although though hi hello hey well also please morning
afternoon evening day yes no ok okay because
"""
)
"""What a clause about somebody may follow; not "if", since who supposes says nothing of anybody."""
UNITS = words(
    """
% percent kg kilos pounds lbs cm m km miles minutes minute hours hour days day weeks week months
month times euros dollars
"""
)
FUNCTION = (
    LINKS
    | BE
    | words(
        """
was were had has have did does do can could will would should may might must with without at in on
to from for by of about said says told asked wanted wants came went got who's into named called
not he she they i we you after before then than
"""
    )
)
TEACHING = words(
    """
teacher tutor student learner class course lesson speaker homework
"""
)
DECADES = words(
    """
teens twenties thirties forties fifties sixties seventies eighties nineties
"""
)
OF_WORDS = words(
    """
pronoun pronouns word words between say write use using or
"""
)
"""Who asks of "he" and "she" asks of the words."""
GENDERED = words(
    """
man woman men women boy girl boys girls guy guys lady ladies gentleman gentlemen lad lass bloke
"""
)
TITLES = words(
    """
mr mrs ms miss mx dr prof sir madam
"""
)
SPEAKS = words(
    """
sent told recommended suggested said says referred introduced pointed advised wants asked needs
brought showed invited mentioned is was has and
"""
)
NO_NAMES = words(
    """
the a an my our your not so very sorry here interested type stage group level monday tuesday
wednesday thursday friday saturday sunday january february march april may june july august
september october november december english french german spanish christmas easter urgent just in
on at too also trying looking having going getting feeling using writing working covid hiv adhd
what how why when where about for
"""
)
USES = words(
    """
use uses used need needs wear wears walk walks am is in sit sits rely relies on with came come here
get around have has a an my his her the two by move moves depend depends
"""
)
"""Between a person and what they use for a disability."""
