"""Medicines: their names look like those of people or firms to a network that has not seen them.

Generic names are told by their stems. Source: WHO, The use of stems in the selection of
International Nonproprietary Names (2018). What is also somebody's name ("Yasmin", "Senna",
"Allegra") is not among them, nor are stems that end names ("-caine", "-vir").
"""

from __future__ import annotations

import re

from metier.privacy.recognizers._wordlist import word_set

_STEM = re.compile(
    r"\w{2,}(?:azole|mycin|micin|cillin|cycline|floxacin|statin|sartan|dipine|gliptin|gliflozin|glutide"
    r"|tinib|azepam|azolam|setron|triptan|tidine|xaban|grel|oxetine|traline|pramine|triptyline|profen"
    r"|coxib|solone|nisone|asone|tropium|phylline|thiazide|semide|dronate|fibrate|formin|platin"
    r"|rubicin|taxel|poetin|codone|azosin|denafil|dalafil|lukast|c[iy]clovir|stigmine|apine"
    r"|peridone|peridol|barbital|cortisol|thyroxine|histamine)s?"
    r"|\w{4,}(?:olol|pril|ximab|zumab|umab|terol|parin|azine)s?"
)

_NAMED = word_set("""
paracetamol acetaminophen aspirin warfarin insulin digoxin methotrexate metronidazole nitroglycerin
nitroglycerine heparin lithium morphine codeine tramadol fentanyl methadone naloxone naltrexone
gabapentin pregabalin carbamazepine phenytoin valproate lamotrigine levetiracetam topiramate
bupropion trazodone venlafaxine duloxetine citalopram escitalopram mirtazapine sulfasalazine
hydroxychloroquine colchicine allopurinol spironolactone hydralazine isosorbide nitrate nitrates
clonidine amiodarone verapamil diltiazem nitrofurantoin trimethoprim co-trimoxazole cotrimoxazole
sulfamethoxazole vancomycin doxycycline cephalexin cefalexin cefuroxime ceftriaxone rifampicin
loperamide bisacodyl lactulose macrogol omeprazole famotidine ranitidine sucralfate domperidone
metoclopramide ondansetron cyclizine hyoscine chlorphenamine chlorpheniramine diphenhydramine
cetirizine loratadine fexofenadine promethazine pseudoephedrine phenylephrine guaifenesin
dextromethorphan salbutamol albuterol budesonide beclometasone fluticasone montelukast adrenaline
epinephrine levonorgestrel ulipristal estradiol oestradiol progesterone tamoxifen finasteride
tamsulosin isotretinoin tretinoin benzoyl hydrocortisone clotrimazole nystatin melatonin caffeine
nicotine alcohol ginkgo gingko biloba ginseng echinacea turmeric curcumin glucosamine magnesium
potassium calcium ferrous folic folate cyanocobalamin thiamine biotin probiotic probiotics statin
statins triptan triptans maoi maois ppi ppis arb arbs ssri ssris snri snris nsaid nsaids sulfa
sulfonamide sulfonamides sulphonamides penicillin penicillins cephalosporin cephalosporins
macrolide macrolides quinolone quinolones tetracyclines salicylate salicylates opioid opioids
opiate opiates antacid antacids anticoagulant anticoagulants antibiotic antibiotics antihistamines
antidepressant antidepressants benzodiazepine benzodiazepines corticosteroid corticosteroids
steroid steroids diuretic diuretics laxative laxatives painkiller painkillers decongestant
decongestants tylenol advil motrin aleve nurofen calpol panadol anadin disprin brufen voltaren
voltarol excedrin lemsip sudafed benadryl piriton piriteze zirtek zyrtec claritin clarityn benylin
robitussin mucinex nyquil dayquil strepsils gaviscon tums zantac pepcid nexium losec prilosec
imodium dioralyte buscopan dulcolax senokot movicol miralax pepto-bismol canesten ventolin
symbicort seretide clenil singulair epipen humira enbrel lipitor zocor crestor plavix eliquis
xarelto pradaxa coumadin norvasc altace cozaar diovan lasix glucophage januvia jardiance ozempic
wegovy mounjaro saxenda lantus humalog novorapid synthroid prozac zoloft lexapro celexa effexor
cymbalta wellbutrin nardil xanax valium ativan klonopin ambien ritalin adderall concerta vyvanse
strattera oxycontin percocet vicodin suboxone viagra cialis levitra propecia accutane roaccutane
augmentin amoxil zithromax bactrim septrin cipro flagyl tamiflu paxlovid zovirax valtrex diflucan
lamisil celebrex arcoxia feldene fosamax botox premarin plan-b levonelle naproxen naprosyn
diclofenac phenelzine glyceryl trinitrate gtn cefixime keflex sulpha septra ultram co-codamol
co-amoxiclav antiplatelet antiplatelets sartans fluoroquinolone fluoroquinolones mao inhibitor
inhibitors
""")
_PHRASES = frozenset({"st john's wort", "st. john's wort", "st johns wort", "st. johns wort"})
_BEFORE = re.compile(r"^(?:give|take|took|use|try|mix|stop|does|is|can)\s+")


def is_medicine(name: str) -> bool:
    """Whether every word of a lower-case name is a medicine, but for a verb before it."""
    if name in _PHRASES:
        return True
    words = _BEFORE.sub("", name).split()
    return bool(words) and all(word in _NAMED or _STEM.fullmatch(word) for word in words)
