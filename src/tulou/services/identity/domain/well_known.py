"""Passwords that are long enough and still among the first to be tried: keyboards, names, seasons, famous advice."""

_LISTED = """
    123456789012 1234567890123 12345678901234 123456789123 123456789987654321 1234567890qwertyuiop
    123qweasdzxc 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc 1qaz2wsx3edc4rfv
    1qazxsw23edc 1qazxsw23edcvfr4 qazwsxedcrfv qazwsxedc123 qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[]
    qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwerty123456 qwerty12345678 qwerty123456789 qwertyqwerty
    qweasdzxc123 asdfghjkl123 asdfghjkl; asdfghjklzxcvbnm zaq12wsxcde3 zxcvbnm12345 zxcvbnm123456 poiuytrewq123
    password1234 password12345 password123456 password123! password1234! passwordpassword password!!!! passw0rd1234
    p@ssword1234 p@ssw0rd1234 p@ssw0rd123! p@$$w0rd1234 p4ssw0rd1234 pa55word1234 mypassword12 mypassword123
    thisismypassword newpassword1 newpassword123 yourpassword changeme1234 changeme12345 changemenow! changeit1234
    letmein12345 letmein123456 letmeinletmein letmeinplease welcome12345 welcome123456 welcome1234! welcomewelcome
    administrator administrator1 administrator123 admin1234567 admin12345678 admin123456789 adminadminadmin adminadmin12
    adminpassword rootpassword rootroot1234 superuser123 superadmin123 default12345 defaultpassword temporary123
    temppassword testtesttest testpassword testing12345 test12345678 test123456789 guestguestguest secretsecret
    topsecret123 supersecret1 secret123456 secretpassword iloveyou1234 iloveyou12345 iloveyou123456 iloveyouforever
    iloveyousomuch iloveyouiloveyou iloveyoubaby sunshine1234 sunshine12345 princess1234 princess12345 football1234
    football12345 baseball1234 basketball12 basketball123 superman1234 superman12345 batman123456 starwars1234
    pokemon12345 michael12345 jennifer1234 jessica12345 charlie12345 dragon123456 monkey123456 master123456
    shadow123456 abcd12345678 abc123456789 abcdefgh1234 abcdefghijkl abcdefghijklmnopqrstuvwxyz a1b2c3d4e5f6
    a123456789012 aa1234567890 q1w2e3r4t5y6 q1w2e3r4t5y6u7i8 correcthorsebatterystaple trustno1trustno1
    blink182blink182 whatever1234 computer1234 internet1234 samsung12345 google123456 facebook1234 linkedin1234
    manchesterunited chelsea12345 liverpool123 liverpool1234 barcelona123 realmadrid12 realmadrid123 christopher1
    elizabeth123 alexander123 november2023 december2023 december2024 december2025 september2023 september2024
    september2025 summer2023!! summer2024!! winter2024!! spring2024!! january12345 monday123456 woaini520131
    woaini1314520 woaini5201314 5201314woaini zhang1234567 wang12345678 147258369147 159357159357 741852963741
    789456123789 987654321012 112233445566 121212121212 123123123123 123321123321 102030405060
"""

WELL_KNOWN = frozenset(_LISTED.split()) | {"correct horse battery staple"}
