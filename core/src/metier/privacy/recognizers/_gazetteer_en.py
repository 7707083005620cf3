"""Names in Latin script, by general knowledge; lower case.

`GIVEN` and `SURNAMES` are evidence, not proof. What is in `AMBIGUOUS` is also
an ordinary word, a place, a month or a brand, and counts only beside other
evidence: a title, an introduction, or a second name.
"""

from __future__ import annotations

from metier.privacy.recognizers._wordlist import word_set

GIVEN = word_set("""
aaliyah aaron abby abdul abdullah abdulrahman abel abigail abraham ada adam adamu adaeze adebayo
adela adele adeline aditi aditya adnan adrian adriana adrienne agata agnes agnieszka ahmad ahmed
aida aidan aiden aiko aileen aisha aishwarya ajay akash akiko akira akmal alan alana alastair
albert alberto alejandra alejandro aleksander aleksandra alena alessandra alessandro alessia alexa
alexander alexandra alexandre alexei alexia alexis alfonso alfred alfredo ali alice alicia alina
alisa alisha alison allan allen allison alma alonso alvaro alvin amanda amara amber amelia amelie
amina amir amira amit amy ana anaïs anastasia anders andre andré andrea andreas andrei andres
andrés andrew andrzej andy angel angela angelica angelina angelo angie anika anil anisha anita
anja ankit anna annabel annabelle anne annette annie annika anthony antoine anton antonia antonio
anurag anya april arash aria ariana arianna ariel arjun armando arnold arthur arturo arun arya
asad asha ashley ashok astrid asuka athena aubrey audrey august augustin aurora austin ava avery
ayaan ayesha ayumi azadeh aziz babak barbara barry bart bartosz basil beata beatrice beatriz becky
bella ben benedict benjamin bernadette bernard bernardo bernd bert beth bethany betty beverly
bianca bilal bill billy björn blake blanca bob bobby bogdan bonnie boris brad bradley brady
branden brandon brenda brendan brent brett brian bridget brigitte britney brittany brook brooke
bruce bruno bryan bryce burak byron caitlin caleb callum calvin cameron camila camilla camille
candice carina carl carla carlo carlos carmen carol carole carolina caroline carolyn carrie carter
casey caspar cassandra cassie catarina catherine cathy cecilia cedric celeste celia celine cesar
chad chandler chandra chantal charlene charles charlie charlotte chelsea cherie cheryl chiara
chidi chinedu chioma chloe chloé chris christian christiane christina christine christoph
christophe christopher chuck ciara cindy claire clara clarence clarissa clark claude claudia
claudio clayton clement clementine cliff clifford clint clive cody colette colin colleen connie
connor conor conrad constance consuelo cora corey corinne cornelia cory courtney craig cristian
cristina crystal curtis cynthia cyril daisy dakota dale damian damien damon dan dana dani daniel
daniela daniele danielle danilo danny daphne daria dario darius darlene darren darryl daryl dave
david davide dawn dean deanna deb debbie deborah debra declan deepak deepika deirdre delia
delphine denis denise dennis derek desmond destiny devin devon diana diane diego dieter dietrich
dilip dimitri dina dinesh dirk dmitri dmitry dolores dominic dominik dominique don donald donna
dora doris dorothea dorothy doug douglas drew duncan dustin dwayne dwight dylan ebony ed eddie
edgar edith edmund eduardo edward edwin eileen ekaterina elaine eleanor elena eleni eli elias elif
elijah elin elina elisa elisabeth elise eliza elizabeth ella elle ellen ellie elliot elliott elsa
elsie elvira emeka emer emil emilia emilie emiliano emilio emily emine emir emma emmanuel emmett
enrico enrique eric erica erich erik erika erin ernest ernesto ernst esme esmeralda esperanza
esteban estela esther ethan etienne eugene eugenia eun eva evan eve evelyn evgeny ewa ezekiel ezra
fabian fabio faisal faith fanny farah farid farida faridah fatema fatima fatma fatou faye federica
federico felicia felicity felipe felix ferdinand fernanda fernando filip filippo finley fiona
flavia flora florence florian floyd frances francesca francesco francine francis francisco
francois françois frank franklin franz fred freddie frederic frederick frederik freya friedrich
fritz gabby gabriel gabriela gabriele gabriella gabrielle gail gareth garrett gary gavin gemma
gene genevieve geoff geoffrey george georgia georgina gerald geraldine gerard gerhard germán
gertrude ghulam gianluca gianna gilbert giles gina ginger giorgio giovanna giovanni gisela giulia
giuliana giuseppe gladys glen glenda glenn gloria gonzalo gordon grace gracie graham grant greg
gregor gregory greta gretchen grzegorz guadalupe guido guillaume guillermo gunnar gunther gustav
gustavo guy gwen gwendolyn habib hadiya hailey hakan hal haley halima hamid hamza hana hank hannah
hannes hans harold haris harish harley harper harriet harrison harry haruka haruki harvey hasan
hassan hazel heath heather hector heidi heike heinrich heinz helen helena helene helga henri
henrietta henrik henry herbert herman hilary hilda hiro hiroko hiroshi holly hope horst howard
hubert hugh hugo humphrey hussein hyun ian ibrahim ida idris ifeoma ignacio igor iker ilaria ilona
ilse imani imogen imran ines inga inge ingrid ioana irena irene irina iris irma isaac isabel
isabela isabella isabelle isaiah ishaan isla ismael ismail israel itziar ivan ivana ivo ivy
izabela jack jackie jackson jaclyn jacob jacqueline jacques jade jaden jaime jake jakob jakub
jamal james jamie jan jana jane janet janice janine janna jared jasmin jasmine jason jasper javier
jay jayden jayne jean jeanette jeanne jeff jeffrey jelena jen jenna jennie jennifer jenny jens
jeremiah jeremy jerome jerry jesse jessica jessie jesus jesús jill jillian jim jimena jimmy jin
jing jiri jitka jo joan joana joanna joanne joao joaquin jocelyn jodie joe joel joelle johan
johanna johannes john johnny jolanta jon jonah jonas jonathan jonathon jordan jordi jorge jose
josé josef joseph josephine josh joshua josie joy joyce juan juana juanita judith judy jules julia
julian juliana julie julien juliet juliette julio julius june junko jürgen jurgen justin justine
justyna kai kaitlyn kamal kamala kamil kamila kara karen karim karin karina karl karla karolina
kasia kate katarina katarzyna katerina katharina katherine kathleen kathryn kathy katia katie
katja katrin katrina katy kay kayla kazuki kazuko keiko keisha keith kelley kelly kelsey ken
kendra kenji kenneth kenny kenta kerry kevin khadija khaled khalid kiara kieran kim kimberly
kingsley kirk kirsten kirsty kiran klara klaus kofi konrad konstantin kris krishna kristen
kristian kristin kristina kristine krystyna krzysztof kumar kunal kurt kwame kwesi kyle kylie kyra
lacey laila lakshmi lance lara larissa larry lars laszlo lászló latisha latoya laura lauren
laurence laurent laurie lawrence layla lea leah leandro leanne lee leila leif lena lenka leo leon
leona leonard leonardo leonie leroy lesley leslie leticia levi lewis lexi lia liam liana lila
lilia lilian liliana lillian lily lina linda lindsay lindsey linus lionel lisa liv livia liz liza
lloyd logan lois lola lora lorena lorenzo loretta lorna lorraine lotte lou louis louisa louise
luca lucas lucia luciana lucie lucille lucinda lucy ludmila ludwig luigi luis luisa lukas lukasz
luke luna luther lydia lyle lynn lynne mabel maddie madeleine madeline madison mads maeve magda
magdalena maggie magnus mahmoud mahsa maia maja malcolm malik mallory mandy manfred manish manoj
manuel manuela mara marc marcel marcela marcella marcelo marcia marcin marco marcos marcus marek
margaret margarita margot marguerite maria mariah mariam marian mariana marianne maribel marie
mariela marija marilyn marina mario marion marisa marisol marissa marius marjorie mark marko
markus marlene marsha marshall marta martha martin martina marty marvin mary maryam masako mason
massimo mateo mateusz mathew mathias mathilde matilda matt matteo matthew matthias matthieu
maureen maurice mauricio mauro max maxim maxime maximilian maxine maya megan meghan mehdi mehmet
mei meera melanie melinda melissa melody mercedes meredith mia michael michaela michal michał
michel michele michelle miguel mihai mika mikael mike mikhail mikkel milan mildred milena miles
milica milo mina minh miranda miriam miroslav misha mitch mitchell mohamed mohammad mohammed moira
moises molly mona monica monika monique morgan moritz moses muhammad murat muriel murray mustafa
myra myriam nabil nadia nadine nadja naomi nasir nasrin natalia natalie natasha nathalie nathan
nathaniel nathanael nayeli neha neil nelly nelson nia niamh nicholas nick nicky nico nicola
nicolas nicole niels nigel nikhil niklas nikolai nikolaus nikita nils nina nisha nishant nitin
noah noam noel noelle noemi nora noor norbert noriko norma norman nuno octavia odette ola olaf
olena olga oliver olivia olivier omar oscar oskar osman otto owen pablo paige paloma pam pamela
paola paolo parisa parker pascal pat patience patricia patricio patrick patrik patti patty paul
paula paulina pauline paulo pavel pawel pearl pedro peggy penelope penny percy perry peter petra
petr peyton phil philip philipp philippa philippe phillip phoebe phyllis pia pierre pietro pilar
piotr polly pooja prakash pranav prasad preston priscilla priya priyanka quentin quincy rachael
rachel radek rafael rahim rahul raj rajesh rajiv ralf ralph ramesh ramiro ramon ramona randall
randy rania raphael raquel rashid raul raúl ravi ray raymond rebecca reggie regina reginald reiko
reinhard rekha rené rene renata renate renee renée reuben reza rhonda ricardo riccardo rich
richard rick ricky rico rita rob robbie robert roberta roberto robin rocco rocio rod roderick
rodney rodolfo rodrigo roger rohan rohit roland rolf roman romain romeo ron ronald ronan ronnie
rory rosa rosalie rosalind rosamund rosanna rose rosemary rosie ross rowan rowena roxanne roy
ruben ruby rudolf rudy rui rupert russell rusty ruth ryan ryo sabina sabine sabrina sachiko sadia
saeed sagar said sakura salim sally salma salman salvador salvatore sam samantha samir samira
sampson samson samuel sana sandeep sander sandra sandy sanjay sanjeev santiago santosh sara sarah
sarita sascha sasha satoshi saul savannah scarlett scott sean sebastian sebastien selena selma
serena serge sergei sergey sergio seth shane shania shannon sharif sharon shaun shauna shawn
sheila shelby sheldon shelley sherry shinji shirley shivani shreya shruti siddharth sidney
siegfried sierra sigrid silvia simon simona simone siobhan skye skylar sofia sofie solomon sonia
sonja sonya sophia sophie spencer stacey stacy stan stanislav stanley stefan stefania stefanie
stefano steffen stella stephan stephane stephanie stephen sterling steve steven stewart stuart sue
sultan sunil sunita suresh susan susana susanna susanne susie suzanne suzuki sven svetlana swati
sybil sylvester sylvia sylvie tabitha tadeusz takashi takumi talia tamara tamika tammy tanja tanvi
tanya tara tariq tasha tatiana taylor ted terence teresa terrance terri terry tess tessa thandiwe
thea thelma theo theodora theodore theresa therese thiago thibault thomas thorsten tiago tiffany
tim timo timothy tina tobias toby todd tom tomas tomás tomasz tommaso tommy tomoko toni tony tonya
tracey tracy travis trent trevor tricia trisha tristan troy trudy tunde tyler tyrone ulrich ulrike
umar uma ursula usha uwe vadim valentin valentina valeria valerie valerio vanessa varun vera
verena vernon veronica veronika vicente vicki vicky victor victoria vijay vikram viktor viktoria
vincent vincenzo viola violet violeta virginia vishal vivek vivian viviana vivienne vlad vladimir
volker wade waleed wallace walter wanda warren wayne wendell wendy werner wesley whitney wilfred
wilhelm will willem william willie winifred winston wojciech wolfgang xander xavier ximena yael
yan yana yara yasmin yasmine yasuko yesenia yoko yolanda yoshi yosef youssef yuki yuko yuri yusuf
yvette yvonne zac zach zachary zahra zainab zara zehra zelda zeynep zoe zoé zofia zoltan zsofia
zuzana abena adwoa akosua ama amadou aminata ayodele babatunde chiamaka chukwuemeka efua folake
ikenna kamau kipchoge makena moussa ngozi njeri nkechi nnamdi obinna olumide oluwaseun sekou
temitope thabo uchenna wanjiru zola kwaku yaw anh duc hanh hoa huong khanh lan linh long nga ngoc
nhung phuong quang quynh thanh thao thi thu thuy trang trung tuan tuyet van viet agus ayu budi
dewi eka indah putri rizal siti wahyu yanti arif hafiz nurul farhan aisyah jisoo minji seojun
jihoon hyejin soojin minho yuna haruto hinata ren sota yui aoi
""")

SURNAMES = word_set("""
abbott abdullah abe abrams abreu acosta adams adebayo adeyemi adler agarwal aguilar ahmad ahmed
ahn akhtar albrecht alexander alfaro ali allen almeida alonso alvarado alvarez álvarez anand
anderson andersson andersen andrade andrews antonov aoki appiah aquino araujo archer arias
armstrong arnold arroyo asante ashworth atkins atkinson austin avila ayala aydin bailey baker
baldwin ball ballard balogun banerjee bannister banks barber barbosa barker barnes barnett barrett
barron barry bartlett barton bates bauer baumann baxter beaumont beck becker bell beltran benedict
bennett benson bentley berg berger bergman bernard berry bianchi bishop black blackwell blair
blake blanchard blanc blevins bloom boateng bogdanov bond bonilla booth borges bosch boucher bowen
bowers bowman boyd boyle bradford bradley brady braun bravo brennan brewer bridges briggs bright
brock brooks brown browne bruno bryan bryant buchanan buck bui bullock burgess burke burnett burns
burton bush butler byrne cabrera cain caldwell calderon callahan cameron campbell campos cannon
cano cardenas cardoso carey carlson carlsson carmichael carpenter carr carrillo carroll carson
carter carvalho casey castaneda castillo castro cervantes chambers chan chandler chandra chang
chapman charles chase chatterjee chau chavez chen cheng cherry cheung chin cho choi chopra
chowdhury christensen christian chu chung clark clarke clay clayton clements cline cobb cochran
cohen cole coleman collier collins colon combs connolly connor conrad contreras conway cook cooke
cooper copeland cordero correia cortez costa costello cowan cox craig crane crawford cross crowley
cruz cummings cunningham curry curtis dahl dalton daly daniel daniels das daugherty davenport
davey davidson davies davila davis dawson day dean decker delacruz delaney deleon delgado dempsey
deng dennis desai deshmukh diallo diaz díaz dickson dietrich dillon dixon do dominguez donaldson
donnelly donovan dougherty douglas doyle drake dubois dudley duffy dunbar duncan dunlap dunn duong
dupont duran durand dutta dyer eaton edwards egan ellington elliott ellis emerson engel english
erickson eriksen eriksson escobar espinoza esposito estes estrada evans everett ewing farah farley
farmer farrell faulkner ferguson fernandes fernandez fernández ferrari ferreira fields figueroa
finch finley fischer fisher fitzgerald fitzpatrick fleming fletcher flores flowers flynn foley
fontaine forbes ford foster fournier fowler fox francis franco frank franklin fraser frazier
frederick freeman french friedman frost fry fuchs fujita fuller fuentes gagnon gaines gallagher
gallegos galloway gamble garcia garcía gardner garner garrett garrison garza gates gautam george
gibbons gibbs gibson gilbert giles gill gillespie giordano girard glass glenn glover goldberg
goldman goldstein gomes gomez gómez gonzales gonzalez gonzález good goodman goodwin gordon gould
grace graham grant graves gray green greco greenberg greene greer gregory griffin griffith
griffiths grimes gross guerra guerrero gupta gustafsson gutierrez guzman haas hahn hale hall
hamilton hammond hampton hancock hansen hanson hardin harding hardy harmon harper harrell
harrington harris harrison hart hartmann hartley harvey hasan hashimoto hassan hawkins hayashi
hayes haynes healy heath hebert heller henderson hendricks henry hensley henson herman hernandez
hernández herrera herring herrmann hess hewitt hicks higgins higgs hill hines hinton ho hobbs
hodge hodges hoffman hoffmann hogan holden holland holloway holmes holt holmberg hong hood hooper
hoover hopkins horn horne horton houston howard howarth howe howell huang hubbard huber hudson
huerta huff huffman hughes hull humphrey humphreys hunt hunter hurley hurst hussain hussein
hutchinson ibrahim ingram inoue irwin ishikawa ito ivanov ivanova iyer jackson jacobs jacobsen
jacobson jain james jansen janssen jarvis jefferson jenkins jennings jensen jha jimenez jiménez
johansen johansson johns johnson johnston jones jordan joseph joshi joyce juarez jung kaiser kamau
kane kang kapoor kato kaufman kaur kay keith keller kelley kelly kemp kennedy kent kerr khan
khanna kim kimura king kirby kirk klein kline knapp knight knowles knox kobayashi koch köhler
kovacs kovač kowalski kowalczyk kozlov kramer krause krüger kruger kumar kuznetsov lam lamb
lambert lane lang lange langley lara larsen larson larsson law lawson le leach leblanc lee
lefebvre lehmann leon leonard leroy leung levin levine levy lewandowski lewis li lim lima lin
lindberg lindgren lindholm lindsey little liu livingston lloyd logan long lopes lopez lópez lowe
lowery lozano lucas lucero luna lund lutz lynch lynn lyons macdonald macias mack mackenzie maclean
madden maddox mahoney maier maldonado malhotra malik malone mann manning maria marin marino marks
marquez marsh marshall martens martin martinez martínez martins mason massey mathews mathis
matsumoto matthews maxwell may mayer maynard mbeki mccall mccann mccarthy mccarty mcclain mcclure
mcconnell mccormick mccoy mccullough mcdaniel mcdonald mcdowell mcgee mcgrath mcguire mcintosh
mcintyre mckay mckee mckenna mckenzie mckinney mclaughlin mclean mcleod mcmahon mcmillan mcneil
mcpherson meadows medina mehta mejia melendez melton mendes mendez mendoza mensah mercado mercer
merritt meyer meyers meza michaels mills miller miranda mishra mitchell miyamoto moen mohamed
mohammed molina monroe montero montgomery montoya moody moon mooney moore mora morales moran
moreau moreno moretti morgan mori morin moritz morris morrison morrow morse morton moses mosley
moss mueller müller muller mukherjee mullins munoz muñoz murakami murillo murphy murray myers nair
nakamura nash navarro neal nelson neumann newman newton ng ngo nguyen nicholls nichols nicholson
nielsen nielson nilsson nixon noble nolan norman norris norton novak nowak nunez nunes núñez
obrien o'brien ochoa o'connell o'connor odom o'donnell ogawa o'hara okafor okamoto okeke okonkwo
okoye o'keefe oliveira oliver olsen olson olsson o'neal o'neill o'reilly o'sullivan onyango orozco
orr ortega ortiz osborne osei osman otieno owen owens owusu özdemir pace pacheco padilla page
palmer panda pandey pappas park parker parks parrish parsons patel paterson patil patrick
patterson patton paul payne pearson peck pedersen pena peña pennington pereira perez pérez perkins
perry persson peters petersen peterson petersson petrov petrova petrović pfeiffer pham phan
phillips pierce pineda pinto piotrowski pittman pitts pollard ponce poole pope popescu popov
porter potter potts powell powers prasad pratt preston price prince proctor pruitt pugh qureshi
quinn quintero rahman ramirez ramírez ramos ramsey randall rao rasmussen ray raymond reddy reed
reese reeves reid reilly reyes reynolds rhodes ribeiro ricci rice rich richard richards richardson
richmond richter riddle riggs riley rios rivas rivera rivers roach robbins roberts robertson
robinson robles rocha rodgers rodrigues rodriguez rodríguez rogers rojas rollins roman romano
romero rosales rosario rose rosen rosenberg ross rossi roth rowe rowland roy rubio ruiz rush
russell russo ryan saito salazar salinas salvatore samuels sanchez sánchez sanders sandoval
sanford sang santana santiago santos sargent sasaki sato saunders savage sawyer schaefer schäfer
schmidt schmitt schmitz schneider scholz schröder schroeder schultz schulz schulze schumacher
schuster schwartz schwarz scott sellers serrano sexton shaffer shah shannon sharma sharp shaw shea
shelton shepherd sheppard sherman shields shimizu short sierra silva silverman simmons simon
simons simpson sims singh singleton sinha skinner slater sloan small smith snow snyder soares
sokolov solis solomon song soto sousa sparks spears spence spencer stafford stanley stanton stark
steele stein steiner stephens stephenson stevens stevenson stewart stokes stone stout strickland
strong stuart suarez suárez sullivan summers sutherland sutton suzuki svensson swanson sweeney
swift sykes szabo takahashi talbot tan tanaka tang tanner tate taylor terrell terry thapa thomas
thompson thomsen thomson thornton todd torres townsend tran travis trejo trevino trujillo tucker
turner tyler underwood upton valdez valencia valentine valenzuela vance vargas varga vasilyev
vasquez vaughan vaughn vazquez vega velasquez velez vera verma vieira villa villanueva villarreal
vincent vogel volkov wade wagner walker wall wallace waller walls walsh walter walters walton wang
ward ware warner warren washington watanabe waters watkins watson watts weaver webb weber webster
weeks weiss welch wells werner west weston wheeler whitaker white whitehead whitfield whitney
wiggins wilcox wiley wilkerson wilkins wilkinson williams williamson willis wilson winkler winter
winters wise wolf wolfe wong wood woodard woods woodward wright wu wyatt xu yadav yamada yamaguchi
yamamoto yang yates yeung yilmaz yoder yoon york yoshida young yu zamora zapata zhang zhao zheng
zhou zhu ziegler zimmerman zimmermann
""")

PINYIN_SURNAMES = word_set("""
wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo lin gao liang zheng luo song
xie tang han cao deng xiao feng zeng cheng cai peng pan yuan dong yu su ye lv wei jiang tian du
ding shen ren yao lu fu zhong cui tan liao fan jin shi jia xia fang zou xiong bai meng qin qiu hou
xue yin lei long tao he gu mao hao gong shao wan qian dai mo kong xiang chang ouyang zhuge sima
lam chan wong cheung leung
""")

PINYIN_SYLLABLE = (
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|"
    r"ue|ve|er|a|e|i|o|u|v)"
)

AMBIGUOUS = word_set("""
abbott abel adobe ai ama amber angel april aria art asha ash athena aubrey august aurora austin
avery baker ball banks barber baron basil bates bean beck bell ben berg berry beth bill billy
bishop black blake bloom blue bob bond booth bosch bow brad brady bravo bridges bright brook
brooke brooks brown bruno buck bush butler cain cameron cannon carol carpenter carr carter casey
chad chance chandler charity charles charlotte chase chelsea cherry chin cho christian chris chuck
clark clay cliff cole colon combs cook cooper coral costa crane cross crystal cruz curry daisy
dakota dale dallas dan dana das dawn day dean deb decker delta denver destiny devon dick do dolly
don dora drake drew duke eaton ed eden elder ella ellis elsa english eun eva eve faith fanny
farmer faye fern fields finch fisher fleming florence flora flowers ford forest foster fox francis
frank franklin freeman french frost fry gamble gardener garner gates gay gene georgia gill ginger
glass glen gloria good gordon grace grant graves gray green greg gross grove guy hal hale hall
hamilton hardy harmon harmony harley harper harry hart haven hazel heath heather heaven henry
herring hill ho hobbs holland holly holt homer hong hood hope horn houston howe huff hull hunt
hunter hurley hurst ian ida ines india iris israel ivy jack jade jackson jan jane jasmine jay jean
jen jenny jesse jesus jin joe john johns jo jordan joy judge june jung justice kai kane kate kay
keith kelly ken kent kerry kiran kim king kit knight la lai lamb lance lane lang lara law le lea
lee leon leslie levi li lily lim lima lin lincoln linda lisa little liv long lou lowe luna lynn ma
mack macy madison mae major mandy mann maria marina mark marks marsh marshall martin mary mason
matt max may meadows mei melody mercedes mercer mercy mia mike miles mills milo mina mine mini
minh miranda molly mona moon moody moore mora morgan moses moss mi my myra nancy nash nelson
newton nick nico nobel noble noel nova norm norman olga olive oliver oscar owen pace page paige
park parker parks pat patience patty paul pearl peck peggy penny percy perry peter phoenix pierce
pilar pitts polly pope porter potter powers preston price prince pugh queen quinn rae randy raven
ray reed reese regina ren rice rich richmond rick riggs ring rio rivers rob robin rocky rod roger
roman romeo ron rose ross rowan roy ruby rui rush rusty ruth sage said sally salt sam sandy sana
sang santiago savage savannah scott sean serena seth shah shannon sharp shelly shields short
sierra skinner sky skye small snow sol sole son song sparks spears spencer stark steele stella
stein sterling steward stewart stone stout strong stuart sue sultan summer summers sun sunny swift
sydney tad tan tate taylor ted teller terry tess thi thu tiffany tim tiger tom tony tracy trent
trinity troy turner tyler uma underwood van vera verona victor victoria viet viola violet virginia
wade walker wall waller wallis walls ward ware warner warren washington waters watt watts weaver
webb wells west wheeler white wiley will willow winston winter winters wise wolf wood woods worth
wright yan yen york young yoko yu yui zola alma alpha ariel asia aspen autumn carmen celeste
chandra clement concord constance cornelia dominic dominica eli emerson everest flor gabby geneva
guadalupe hudson hugo hyde indigo ireland jersey juan kerala kiki lan logan lola lorena lorraine
louis louise louisiana lourdes magnolia malta marcus mari marie marion maxim maya medina melbourne
misty montana montgomery murray nevada nice nora odessa pascal patricia patrick penelope petra
philippines pippin prima rosa rosario rosemary roxy sahara salem salvador santa saul scarlet serge
sidney sofia soledad sophia stan stanley tanner tesla thea trace ursula valencia valentina
valentine veronica vienna vincent wayne windsor wolfgang xavier alexandria adele alexa cortana
siri claude gemini bard bing watson cohere sonnet opus haiku llama ali asad aziz habib hamid malik
noor raj rahim salim sharif tariq umar nasir zara hoa hanh linh nga ngoc thanh thao thuy trang
trung tuan duc khanh quang eka indah wahyu putri ayu aoi hana mika naomi ryo sota yuki sakura
kenta haruki hiro
""")

FAMOUS = frozenset(
    name.strip()
    for name in """
    napoleon, napoleon bonaparte, julius caesar, caesar, cleopatra, alexander the great,
    genghis khan, adolf hitler, hitler, joseph stalin, stalin, vladimir lenin, lenin,
    winston churchill, churchill, mahatma gandhi, gandhi, nelson mandela, mandela,
    abraham lincoln, george washington, thomas jefferson, franklin roosevelt,
    theodore roosevelt, martin luther king, rosa parks, queen victoria, henry viii, elizabeth i,
    louis xiv, marie antoinette, joan of arc, mao zedong, sun yat-sen, qin shi huang,
    kublai khan, marco polo, christopher columbus, columbus, magellan, vasco da gama,
    neil armstrong, amelia earhart, anne frank, che guevara, karl marx, plato, aristotle,
    socrates, confucius, laozi, mencius, epicurus, seneca, marcus aurelius, cicero, kant,
    immanuel kant, nietzsche, hegel, descartes, spinoza, rousseau, voltaire, machiavelli,
    newton, einstein, galileo, copernicus, kepler, archimedes, euclid, pythagoras, euler, gauss,
    leibniz, fermat, riemann, fibonacci, ptolemy, faraday, michael faraday, james clerk maxwell,
    marie curie, pierre curie, niels bohr, heisenberg, schrodinger, schrödinger, max planck,
    ernest rutherford, dmitri mendeleev, mendeleev, gregor mendel, louis pasteur, pasteur,
    alexander fleming, edward jenner, florence nightingale, hippocrates, rosalind franklin,
    francis crick, stephen hawking, alan turing, turing, ada lovelace, grace hopper,
    edwin hubble, carl sagan, richard feynman, sigmund freud, freud, carl jung, ivan pavlov,
    pavlov, jean piaget, piaget, vygotsky, maslow, adam smith, john maynard keynes, keynes,
    shakespeare, dickens, chaucer, goethe, tolstoy, dostoevsky, chekhov, pushkin, kafka,
    franz kafka, hemingway, f. scott fitzgerald, steinbeck, orwell, tolkien, j. r. r. tolkien,
    c. s. lewis, lewis carroll, j. k. rowling, jules verne, victor hugo, moliere, cervantes,
    li bai, du fu, lu xun, cao xueqin, rabindranath tagore, tagore, mozart, beethoven, chopin,
    tchaikovsky, vivaldi, leonardo da vinci, da vinci, michelangelo, rembrandt, van gogh,
    vincent van gogh, picasso, pablo picasso, monet, claude monet, frida kahlo, warhol, hamlet,
    macbeth, othello, king lear, romeo and juliet, sherlock holmes, jane eyre, elizabeth bennet,
    mr darcy, jay gatsby, gatsby, huckleberry finn, tom sawyer, don quixote, dracula,
    frankenstein, robin hood, king arthur, peter pan, cinderella, snow white, harry potter,
    frodo, gandalf, bilbo, odysseus, ulysses, achilles, hercules, zeus, poseidon, hades,
    aphrodite, odin, loki, jesus christ, buddha, santa claus, father christmas, mickey mouse,
    donald duck, pikachu, super mario, batman, superman, spider-man, albert einstein,
    isaac newton, charles darwin, galileo galilei, nikola tesla, william shakespeare,
    jane austen, charles dickens, mark twain, george orwell, emily dickinson, emily bronte,
    charlotte bronte, virginia woolf, oscar wilde, ernest hemingway, leo tolstoy,
    agatha christie, stephen king, toni morrison, harper lee, edgar allan poe, walt whitman,
    robert frost, maya angelou, sylvia plath, james joyce, john kennedy, martin luther,
    barack obama, donald trump, joe biden, george bush, bill clinton, hillary clinton,
    john locke, david hume, friedrich nietzsche, rene descartes, blaise pascal, lev vygotsky,
    bill gates, steve jobs, elon musk, mark zuckerberg, jeff bezos, tim cook, james watt,
    helen keller, andy warhol, michelangelo buonarroti, johann sebastian bach,
    wolfgang amadeus mozart, ludwig van beethoven, frederic chopin, john lennon, paul mccartney,
    michael jackson, elvis presley, bob dylan, taylor swift, marilyn monroe, audrey hepburn,
    charlie chaplin, walt disney, hermione granger, ron weasley, anna karenina, john watson,
    oliver twist, david copperfield, dorian gray, james bond, alice munro, peter rabbit,
    david bowie, robert oppenheimer, enrico fermi, jane goodall, noam chomsky,
    alexander hamilton, benjamin franklin, john adams, andrew jackson, ulysses grant,
    johns hopkins, wells fargo, morgan stanley, calvin klein, tommy hilfiger, ralph lauren,
    mary shelley, john keats, william wordsworth, william blake, john milton, george eliot,
    virgin mary, saint nicholas, simone de beauvoir, jean sartre, anton chekhov,
    gabriel garcia marquez, paulo coelho, atticus finch, holden caulfield, frodo baggins,
    bilbo baggins, luke skywalker, darth vader, tony stark, alan watts
    """.replace("\n", " ").split(",")
)

NOT_NAMES = word_set("""
monday tuesday wednesday thursday friday saturday sunday january february march april may june
july august september october november december i i'm i'll i've i'd the a an and or but if then so
this that these those here there what when where who why how which is are was were be been am do
does did can could will would shall should might must have has had not no yes please thanks thank
you your yours my mine me we us our they them their he him his she her it its on in at by to of
for from with as about into over under after before between english chinese french german spanish
italian japanese korean russian american british european african asian indian canadian mexican
street avenue road lane drive boulevard university college school hospital clinic company inc ltd
llc corp corporation bank department office team group foundation institute church museum park
river lake mountain valley beach island city county state country north south east west northern
southern eastern western new old big great best dear hi hello hey regards sincerely cheers love
also just maybe today tomorrow yesterday tonight now later never always often sometimes soon ok
okay ask call email tell meet see let get give send read write help make take find note re fw fwd
patient doctor nurse teacher student customer agent user admin support sales manager mr mrs ms
miss dr prof sir madam lord lady king queen prince princess president senator governor mayor
captain day week month year time morning afternoon evening night weekend holiday birthday
christmas easter disease syndrome test scale law theorem theory equation principle effect method
rule constant prize award hotel restaurant cafe airport station mall store shop model version
series pro max plus mini air ultra lite edition app api pdf html usa uk eu un nhs fda cdc covid
mri ct ecg god bible quran torah internet google amazon apple microsoft facebook netflix youtube
samsung sony order account number code password address phone mobile tel fax subject date name age
sex gender question answer chapter section page figure table part book novel play poem story film
movie song because although since while until unless however therefore moreover meanwhile once
""")
