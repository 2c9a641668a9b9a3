"""Words too common to tell records apart, per language. Content words that look like them are kept out of the lists."""

from i18n.vocabularies.vocabulary import fold

_LISTS = {
    "nl": """
        de het een en of in op van voor met om te aan bij door uit naar over onder tot als dan dat die deze dit er
        is zijn was waren wordt worden werd heeft hebben had kan kunnen moet moeten mag wil zal zullen ook niet geen
        wel nog al maar want dus ze zij hij we wij ik je jij u hun haar zijn mijn ons onze jouw uw zich men wat wie
        waar hoe welke waarom wanneer elk elke alle tussen tegen zonder tijdens na sinds via per rond
    """,
    "en": """
        the a an and or in on of for with to at by from into over under until as than that this these those there is
        are was were be been being has have had can could must may might will would shall should also not no nor but
        so they them their he she his her we us our i my me you your it its what who whom which where how why when
        each every all between against without during after before since via per about where's s t
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines und oder in im an am auf aus von vom für mit zu zum
        zur bei beim nach über unter bis als dass dies diese dieser dieses diesem diesen es ist sind war waren wird
        werden wurde wurden hat haben hatte kann können muss müssen darf soll sollen will wollen auch nicht kein
        keine keinen nur noch schon aber denn sie er wir ich du ihr ihre ihren ihrer sein seine unser unsere unserer
        unseres mein meine man sich was wer wo wie welche warum wann jede jeder jedes alle zwischen gegen ohne
        während seit durch um
    """,
    "fr": """
        le la les l un une des du de d et ou en dans sur pour par avec au aux à ce cet cette ces qui que qu quoi
        dont où est sont était étaient être a ont avait avoir peut peuvent doit doivent ne n pas plus aussi mais
        donc car si il elle ils elles on nous vous je tu j m t s se sa son ses leur leurs notre nos votre vos mon ma
        mes lui y c comment pourquoi quand quel quelle quels quelles chaque tout tous toute toutes entre contre sans
        sous pendant après avant depuis vers chez
    """,
    "sv": """
        en ett den det de och eller i på av för med om att till från vid under över efter före är var blir blev bli
        vara har hade kan ska skall skulle måste får vill också inte ingen inget men så som man vi ni jag du han hon
        sin sitt sina vår vårt våra deras er ert era vad vem vilka vilken hur varför när där varje alla mellan mot
        utan sedan genom
    """,
    "da": """
        en et den det de og eller i på af for med om at til fra ved under over efter før er var bliver blev blive
        være har havde kan skal skulle må vil også ikke ingen intet men så som man vi jeg du han hun sin sit sine
        vores deres jer hvad hvem hvilke hvilken hvordan hvorfor hvornår hvor hver alle mellem mod uden siden gennem
    """,
    "pl": """
        i oraz a lub albo w we na z ze do od dla o u po przez przy pod nad przed za między bez podczas jest są był
        była było były być ma mają może mogą musi muszą nie tak też także ale więc bo że to ten ta te tego tej tych
        tym się ich jego jej nas nasz nasza nasze wasz my wy on ona oni ja mój co kto który która które których jak
        gdzie kiedy dlaczego każdy każda wszystkie czy
    """,
    "pt": """
        o a os as um uma uns umas e ou em no na nos nas de do da dos das para por pelo pela pelos pelas com ao aos à
        às que se é são era eram foi ser estar está tem têm pode podem deve não mais também mas como quem qual quais
        onde quando porque seu sua seus suas nosso nossa nossos nossas meu minha eu ele ela eles elas nós cada todo
        toda todos todas entre contra sem sob durante após antes desde até este esta estes estas isto
    """,
    "it": """
        il lo la i gli le l un uno una e ed o in nel nello nella nei negli nelle di del dello della dei degli delle
        dell d a al allo alla ai agli alle all da dal dallo dalla dai dagli dalle dall con su sul sulla sui sulle
        per tra fra che chi cui è sono era erano essere ha hanno può possono deve non più anche ma se come quale
        quali dove quando perché suo sua suoi sue loro nostro nostra nostri nostre mio mia noi voi io ogni tutto
        tutta tutti tutte contro senza sotto durante dopo prima questo questa questi queste si
    """,
    "es": """
        el la los las un una unos unas y e o u en de del al a para por con sin que se es son era eran fue ser está
        están ha han tiene tienen puede pueden debe no más también pero como quien cual cuales donde cuando porque
        su sus nuestro nuestra nuestros nuestras mi mis tu yo él ella ellos ellas nosotros cada todo toda todos
        todas entre contra bajo durante después antes desde hasta este esta estos estas esto lo le les qué cómo
    """,
    "ca": """
        el la els les l un una uns unes i o en de d del dels al als a per pel pels amb sense que es s és són era
        eren ser està estan ha han té tenen pot poden no més també però com qui qual quals on quan perquè seu seva
        seus seves nostre nostra nostres meu meva jo ell ella ells elles nosaltres cada tot tota tots totes entre
        contra sota durant després abans des fins aquest aquesta aquests aquestes això hi ho
    """,
    "el": """
        ο η το οι τα του της των τον την τους τις ένας μία μια ένα και ή σε στο στη στην στον στα στις στους στου
        από με για προς ως κατά μετά πριν χωρίς είναι ήταν έχει έχουν είχε μπορεί πρέπει θα να δεν μην μη όχι αλλά
        όμως γιατί που ποιος ποια ποιο πώς πού πότε όταν αν κάθε όλα όλοι όλες μεταξύ αυτό αυτή αυτός αυτά μας σας
        τους εμείς
    """,
}

STOP_WORDS = {language: frozenset(fold(word) for word in words.split()) for language, words in _LISTS.items()}
