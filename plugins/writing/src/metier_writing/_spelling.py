"""Words that are often misspelt, and short forms that lack their apostrophe."""

from __future__ import annotations

import re

_MISSPELT = """
recieve receive|recieved received|seperate separate|seperately separately|definately definitely|occured occurred|occuring occurring
untill until|wich which|teh the|adress address|begining beginning|beleive believe|beleived believed|calender calendar|commitee committee
enviroment environment|goverment government|immediatly immediately|independant independent|neccessary necessary|necesary necessary
occassion occasion|publically publicly|tommorow tomorrow|tommorrow tomorrow|truely truly|wierd weird|accomodate accommodate
accomodation accommodation|acheive achieve|arguement argument|existance existence|maintainance maintenance|posession possession
priviledge privilege|reccomend recommend|recomend recommend|succesful successful|sucessful successful|succesfully successfully
adn and|becuase because|becasue because|freind friend|freinds friends|thier their|wether whether|realy really|finaly finally
usualy usually|writting writing|comming coming|runing running|prefered preferred|refered referred|begginer beginner
buisness business|bussiness business|carefull careful|collegue colleague|collegues colleagues|concious conscious|curiousity curiosity
desicion decision|dissapear disappear|dissapoint disappoint|dissapointed disappointed|embarass embarrass|embarassed embarrassed
experiance experience|familar familiar|foriegn foreign|garantee guarantee|gaurantee guarantee|grammer grammar|happend happened
harrass harass|hieght height|humourous humorous|imediately immediately|intresting interesting|knowlege knowledge|liason liaison
libary library|medecine medicine|millenium millennium|minature miniature|mispell misspell|noticable noticeable
occurence occurrence|oppurtunity opportunity|oportunity opportunity|parliment parliament|persue pursue|posible possible|practicaly practically
prefering preferring|probaly probably|pronounciation pronunciation|questionaire questionnaire|relevent relevant|religous religious
resturant restaurant|restaraunt restaurant|rythm rhythm|sentance sentence|similiar similar|speach speech|strenght strength
suprise surprise|suprised surprised|temperture temperature|thankfull thankful|threshhold threshold|tounge tongue|unfortunatly unfortunately
usefull useful|vaccum vacuum|vegatable vegetable|visable visible|wonderfull wonderful|yestarday yesterday|yesturday yesterday|irregardless regardless|intrested interested
appologize apologize|apparantly apparently|basicly basically|completly completely|differant different|exellent excellent|greatful grateful
noone no one|alot a lot|aswell as well|infact in fact|incase in case|ofcourse of course|eachother each other|atleast at least
everytime every time|thankyou thank you|abit a bit|upto up to
"""
SPELLING = dict(
    entry.strip().split(" ", 1) for entry in re.split(r"[|\n]", _MISSPELT) if entry.strip()
)
APOSTROPHE = {
    "dont": "don't", "doesnt": "doesn't", "didnt": "didn't", "isnt": "isn't", "wasnt": "wasn't", "arent": "aren't",
    "werent": "weren't", "cant": "can't", "couldnt": "couldn't", "wouldnt": "wouldn't", "shouldnt": "shouldn't",
    "havent": "haven't", "hasnt": "hasn't", "hadnt": "hadn't", "wont": "won't", "im": "I'm", "ive": "I've",
    "youre": "you're", "theyre": "they're", "thats": "that's", "whats": "what's", "theres": "there's", "hes": "he's",
    "shes": "she's", "youve": "you've", "theyve": "they've", "weve": "we've", "couldve": "could've", "shouldve": "should've",
}  # fmt: skip
