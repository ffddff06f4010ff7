/*
 * place.c - the area codes of country code 1 and the states, by time zone.
 *
 * A code or a state stands in the row of each zone in which a part of it lies.  Area codes as of November 2026, those
 * included that are announced; from public lists of the numbering plan, not from its administrator's own files.
 */
#include "place.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const struct { const char *zone, *area_codes, *states; } rows[] = {
	{"America/New_York",
	 "201 202 203 207 212 215 216 219 220 223 227 229 231 234 239 240 242 248 252 260 267 269 270 272 276 "
	 "283 301 302 304 305 313 315 317 321 324 326 329 330 332 336 339 347 351 352 363 364 380 386 401 404 "
	 "407 410 412 413 419 423 434 436 440 443 445 448 463 465 470 472 475 478 484 502 508 513 516 517 518 "
	 "540 551 561 567 570 571 574 582 585 586 603 606 607 609 610 614 616 617 624 631 640 645 646 649 656 "
	 "667 678 679 680 681 686 689 703 704 706 716 717 718 724 727 728 729 732 734 740 743 754 757 762 765 "
	 "770 771 772 774 781 786 802 803 804 810 812 813 814 821 826 828 835 838 839 843 845 848 850 854 856 "
	 "857 859 860 862 863 864 865 878 904 906 908 910 912 914 917 919 929 930 934 937 941 943 947 948 954 "
	 "959 973 978 980 984 989",
	 "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC TN VA VT WV"},
	{"America/Chicago",
	 "205 210 214 217 218 219 224 225 228 235 251 254 256 262 270 274 281 308 309 312 314 316 318 319 320 "
	 "325 327 331 334 337 346 353 361 364 402 405 409 414 417 423 430 432 447 448 457 464 469 471 479 483 "
	 "501 504 507 512 515 531 534 539 557 563 572 573 574 580 601 605 606 608 612 615 618 620 621 629 630 "
	 "636 641 651 659 660 662 682 701 708 712 713 715 726 729 730 731 737 763 769 773 779 785 806 812 815 "
	 "816 817 830 832 847 850 861 870 872 901 903 906 913 918 920 924 930 931 936 938 940 945 952 956 972 "
	 "975 979 985",
	 "AL AR FL IA IL IN KS KY LA MI MN MO MS ND NE OK SD TN TX WI"},
	{"America/Denver",
	 "208 303 307 308 385 406 435 458 505 541 575 605 620 701 719 720 748 775 785 801 915 928 970 983 986",
	 "AZ CO ID KS MT ND NE NM NV OR SD TX UT WY"},
	{"America/Phoenix", "480 520 602 623 928", "AZ"},
	{"America/Los_Angeles",
	 "206 208 209 213 253 279 310 323 341 350 357 360 369 408 415 424 425 442 458 503 509 510 530 541 559 "
	 "562 564 619 626 628 650 657 661 669 702 707 714 725 738 747 760 775 805 818 820 831 837 840 858 909 "
	 "916 925 949 951 971 986",
	 "CA ID NV OR WA"},
	{"America/Anchorage", "907", "AK"},
	{"America/Adak", "907", "AK"},
	{"Pacific/Honolulu", "808", "HI"},
	{"America/Puerto_Rico", "246 264 268 284 340 473 664 721 758 767 784 787 809 829 849 868 869 939", "PR VI"},
	{"Pacific/Guam", "670 671", "GU MP"},
	{"Pacific/Pago_Pago", "684", "AS"},
	{"America/Jamaica", "345 658 876", ""},
	{"Atlantic/Bermuda", "441", ""},
	{"America/St_Johns", "709 879", "NL"},
	{"America/Halifax", "367 418 428 506 581 709 782 879 902", "NB NL NS PE QC"},
	{"America/Toronto",
	 "226 249 263 289 343 354 365 367 382 416 418 437 438 450 468 514 519 548 579 581 613 647 683 705 742 "
	 "753 807 819 867 873 905 942",
	 "NU ON QC"},
	{"America/Winnipeg", "204 431 584 807 867", "MB NU ON"},
	{"America/Regina", "306 474 639", "SK"},
	{"America/Edmonton", "236 250 257 306 368 403 474 587 639 672 778 780 825 867", "AB BC NT NU SK"},
	{"America/Dawson_Creek", "236 250 257 672 778", "BC"},
	{"America/Vancouver", "236 250 257 604 672 778", "BC"},
	{"America/Whitehorse", "867", "YT"},
};

enum { NANP_LENGTH = 12, AREA_CODE = 3, STATE = 2 };     /* "+1" and ten digits */

/* Is this one of the words, which all have its length? */
static bool listed(const char *words, const char *word, size_t len)
{
	for (const char *at = words; *at; at += len + (at[len] == ' '))
		if (*at == *word && !memcmp(at, word, len))
			return true;
	return false;
}

static size_t find(bool by_state, const char *word, const char *zones[PLACE_ZONES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows) && n < PLACE_ZONES_MAX; i++)
		if (listed(by_state ? rows[i].states : rows[i].area_codes, word, by_state ? STATE : AREA_CODE))
			zones[n++] = rows[i].zone;
	return n;
}

size_t place_of_number(const char *e164, const char *zones[PLACE_ZONES_MAX])
{
	return strlen(e164) == NANP_LENGTH && !strncmp(e164, "+1", 2) ? find(false, e164 + 2, zones) : 0;
}

size_t place_of_state(const char *state, const char *zones[PLACE_ZONES_MAX])
{
	char upper[STATE];

	if (strlen(state) != STATE)
		return 0;
	for (int i = 0; i < STATE; i++)
		upper[i] = (char)toupper((unsigned char)state[i]);
	return find(true, upper, zones);
}
